"""What estimates, before training, how well a pretrained model serves a task."""
