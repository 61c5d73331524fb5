"""The table by pyarrow and by pandas: must hold the same cells as the CSV beside it. Exit 1 and the cell if not."""
import csv
import os
import sys

import pandas
import pyarrow.parquet

path, csv_path = sys.argv[1:3]
table = pyarrow.parquet.read_table(path)
frame = pandas.read_parquet(path)
with open(csv_path, newline="") as file:
    rows = list(csv.reader(file))
names, rows = rows[0], rows[1:]
if table.column_names != names or list(frame.columns) != names:
    sys.exit(f"columns {table.column_names}, {list(frame.columns)}, not {names}")
if table.num_rows != len(rows) or len(frame) != len(rows):
    sys.exit(f"{table.num_rows} and {len(frame)} rows, not {len(rows)}")
for i, name in enumerate(names):
    kind = str(table.schema.field(name).type)
    column = table.column(name).to_pylist()
    for n, row in enumerate(rows):
        cell, value = row[i], column[n]
        if cell == "":
            good = value is None and pandas.isna(frame[name].iloc[n])
        elif kind == "int64":
            good = value == int(cell) == frame[name].iloc[n]
        elif kind == "double":
            good = value == float(cell) == frame[name].iloc[n]
        elif kind.startswith("timestamp[ns"):
            good = pandas.Timestamp(value) == pandas.Timestamp(cell) == frame[name].iloc[n]
        else:
            good = kind == "string" and value == cell == frame[name].iloc[n]
        if not good:
            sys.exit(f"row {n}, {name} ({kind}): {value!r}, not {cell!r}")
print(f"{len(rows)} rows, {len(names)} columns: {table.schema.types}")
sys.stdout.flush()
os._exit(0)  # a thread of pyarrow's that still runs when Python ends aborts the process, after the verdict
