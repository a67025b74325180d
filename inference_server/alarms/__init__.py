"""Alarms after ISA-18.2: pure rules and state machines; the gateway gives them the clock and the news."""
