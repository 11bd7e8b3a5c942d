import numpy as np
import pytest

from finexl.lab.scenes import SUBJECTS, power_noise, render


@pytest.mark.parametrize("size", [48, 97])
def test_a_scene_is_a_picture(size):
    picture, caption = render(np.random.default_rng(1), size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() <= picture.max() <= 1
    assert picture.std() > 0.01
    assert caption.strip() == caption != ""


def test_the_same_seed_gives_the_same_scene():
    for seed in range(12):
        (a, said), (b, again) = (render(np.random.default_rng(seed), 64) for _ in range(2))
        np.testing.assert_array_equal(a, b)
        assert said == again
    first, second = (render(np.random.default_rng(seed), 64)[0] for seed in (0, 1))
    assert np.abs(first - second).mean() > 0.02


def test_every_subject_can_be_drawn(monkeypatch):
    """Asked for one by one, and by chance all of them come."""

    class Asked:
        """A generator that chooses the subject we want and leaves the rest to chance."""

        def __init__(self, subject):
            self.rng, self.first = np.random.default_rng(subject), subject

        def integers(self, *args, **options):
            if self.first is not None:
                chosen, self.first = self.first, None
                return chosen
            return self.rng.integers(*args, **options)

        def __getattr__(self, name):
            return getattr(self.rng, name)

    captions = {render(Asked(i), 48)[1] for i in range(len(SUBJECTS))}
    assert len(captions) > 0.8 * len(SUBJECTS)
    drawn = {int(np.random.default_rng(seed).integers(len(SUBJECTS))) for seed in range(300)}
    assert drawn == set(range(len(SUBJECTS)))


def test_noise_has_the_slope_asked_for():
    noise = power_noise(np.random.default_rng(0), 256, 1.0)
    assert noise.mean() == pytest.approx(0, abs=1e-3)
    assert noise.std() == pytest.approx(1, abs=1e-3)
    power = np.abs(np.fft.rfft2(noise)) ** 2
    f = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None])
    low, high = ((f > a) & (f < 2 * a) for a in (0.02, 0.2))
    slope = np.log(power[low].mean() / power[high].mean()) / np.log(10)
    assert slope == pytest.approx(2.0, abs=0.3)  # amplitude 1/f is power 1/f^2
