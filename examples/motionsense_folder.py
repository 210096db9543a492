"""
Real recordings as a folder of your own: `label/person/recording.csv`, each file exactly as the phone wrote it.

python examples/motionsense_folder.py A_DeviceMotion_data.zip my_recordings --people 2 4 5 7 9

The archive is that of https://github.com/mmalekzadeh/motion-sense (MIT), iPhones in trouser pockets.
"""

import argparse
import zipfile
from pathlib import Path

from dataset_scripts.motionsense.motionsense import ACTIVITIES, TRIALS

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("archive", type=Path)
arguments.add_argument("folder", type=Path)
arguments.add_argument("--people", type=int, nargs="+", default=[2, 4, 5, 7, 9], help="of 1 to 24")
chosen = arguments.parse_args()

with zipfile.ZipFile(chosen.archive) as archive:
    for person in chosen.people:
        for code, label in ACTIVITIES.items():
            folder = chosen.folder / label.replace(" ", "_") / f"person_{person}"
            folder.mkdir(parents=True, exist_ok=True)
            for trial in TRIALS[code]:
                recording = archive.read(f"A_DeviceMotion_data/{code}_{trial}/sub_{person}.csv")
                (folder / f"trial_{trial}.csv").write_bytes(recording)
print(f"{chosen.folder} holds {len(list(chosen.folder.rglob('*.csv')))} recordings")
