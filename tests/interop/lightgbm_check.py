"""Raw scores by Python's lightgbm of the rows of a CSV (empty cell: missing), one a line."""
import sys

import lightgbm
import numpy

model = lightgbm.Booster(model_file=sys.argv[1])
rows = numpy.genfromtxt(sys.argv[2], delimiter=",", dtype=numpy.float64)
for score in model.predict(rows, raw_score=True):
    print(repr(float(score)))
