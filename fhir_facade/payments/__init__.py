"""Money on its way: from a patient's wish to pay, through the gateway, into the billing system, exactly once."""
