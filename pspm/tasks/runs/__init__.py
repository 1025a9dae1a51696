"""Recipes, training runs and experiments of the tasks."""
