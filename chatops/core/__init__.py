"""What the file means, what the server holds, and the way from one to the other. No products."""
