"""The reference results that the apps in other languages are tested against."""
