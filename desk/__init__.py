"""What people touch: the console command, the dashboard, replay, the demo newsroom."""
