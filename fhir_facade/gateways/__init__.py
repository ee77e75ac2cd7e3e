"""Online payment gateways: where patients pay, on pages that are not ours."""
