"""What sources owe us, and the door where it is checked: contracts, rules, dead letters, replay."""
