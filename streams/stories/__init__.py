"""Stories: which detections tell of one event, and what that rings."""
