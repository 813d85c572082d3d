"""Where the processes of a system spend their time: sampled stacks, and what they say."""
