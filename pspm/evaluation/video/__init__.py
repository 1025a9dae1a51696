"""Errors of mattes of videos, on clips that are made of cut-outs and backgrounds, so that the truth is known."""
