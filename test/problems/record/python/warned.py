import warnings

value = 1
if value is 1:
    warnings.warn("old way", DeprecationWarning)
warnings.warn("take care")
print("done")
