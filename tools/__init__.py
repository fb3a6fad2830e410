"""Tools that write documents and deploy. They are part neither of the product nor of the local stack."""
