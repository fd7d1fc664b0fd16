"""The pre-analysis plan, and the method and procedure in words."""
