"""The honest evaluation: effects made by other people's code, on photographs held out from training.

`effects` lists single effects with the words that count as right, decided before any result was seen. Those
of albumentations are for design decisions ("tune"); those of OpenCV, scikit-image and Pillow are reported
("test"). It also holds the fixed mixes and the graded effects; `rankings` holds the methods that are
compared. The libraries are imported only when an effect is applied.
"""
