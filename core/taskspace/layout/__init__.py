"""The official folder layout of Taskonomy: what its files are called and what is in them.

Source: Zamir et al. 2018 and https://github.com/StanfordVL/taskonomy/tree/master/data. A file is
`point_P_view_V_domain_D.png` (or .npy, .json): view V of the point P that it looks at.
"""
