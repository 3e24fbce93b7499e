"""What people read before they agree: plans and findings, for terminals, pages and machines."""
