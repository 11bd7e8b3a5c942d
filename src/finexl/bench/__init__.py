"""The honest evaluation: effects made by other people's code, on photographs held out from training.

`effects` lists single effects with the words that count as right, decided before any result was seen. Those
of albumentations are for design decisions ("tune"); those of OpenCV, scikit-image and Pillow are reported
("test"). It also holds the fixed mixes and the graded effects; `rivals` holds the methods that are
compared, `experiments` what is asked, `runner` and `page` how it is run and told. The libraries are imported only when an effect is applied.
"""
