"""The checks of gating schemes and weightings."""
