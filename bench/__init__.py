"""Speed and size, measured as ratios in one run on one machine; what is promised is in ``budgets``."""
