"""Orders, payments and inventories over HTTP."""
