"""Publishing trained encoders and data sets on the Hub: cards, checks before an upload, the upload."""
