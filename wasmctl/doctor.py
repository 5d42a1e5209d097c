"""What is on this machine, and what each command needs."""
