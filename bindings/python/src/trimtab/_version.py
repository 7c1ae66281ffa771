"""The version, as in include/trimtab/status.h."""

__version__ = "0.1.0"
ABI_VERSION = 1
