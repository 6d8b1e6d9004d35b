"""The sample company of demo and tests: a lighting maker, as CSV files that `aftersales import` takes."""

from pathlib import Path

SAMPLE_COMPANY = Path(__file__).parent
