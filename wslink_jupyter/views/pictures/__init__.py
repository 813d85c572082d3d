"""Pictures that are drawn in the kernel and looked at in panels."""
