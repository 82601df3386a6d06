"""The Python module against the program: the same questions, the same numbers. Usage: module_test.py CONVSCOPE; exits with 77 where NumPy is missing."""

import ast
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import numpy
except ImportError:
    print("skipped: no NumPy for this Python")
    sys.exit(77)

import convscope

PROGRAM = sys.argv.pop(1)
DATA = "oscillations,n_freq=2"


def program(*words):
    """What the program answers as JSON."""
    done = subprocess.run([PROGRAM, *words, "--json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.run_folder = os.path.join(cls.place.name, "run")
        cls.epochs = []
        cls.summary = convscope.train(cls.run_folder, cls.epochs.append, model="lenet", data=DATA, limit=64, epochs=2)
        cls.network = convscope.open(cls.run_folder)
        cls.pictures = cls.network.pictures(DATA, images="0-5")

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def same(self, ours, theirs, places=6):
        self.assertEqual(type(ours), type(theirs))
        if isinstance(ours, dict):
            self.assertEqual(list(ours), list(theirs))
            for key in ours:
                if "seconds" not in key and key not in ("time", "date", "command", "program", "threads"):
                    self.same(ours[key], theirs[key], places)
        elif isinstance(ours, list):
            self.assertEqual(len(ours), len(theirs))
            for a, b in zip(ours, theirs):
                self.same(a, b, places)
        elif isinstance(ours, float):
            self.assertAlmostEqual(ours, theirs, places)
        else:
            self.assertEqual(ours, theirs)

    def test_training_is_the_programs(self):
        self.assertEqual([m["epoch"] for m in self.epochs], [1, 2])
        other = os.path.join(self.place.name, "other")
        theirs = program("train", "--model", "lenet", "--data", DATA, "--limit", "64", "--epochs", "2", "--run", other)
        self.assertEqual(self.summary["accuracy"], theirs["accuracy"])
        with open(os.path.join(self.run_folder, "model.safetensors"), "rb") as a, open(os.path.join(other, "model.safetensors"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_a_training_ends_when_it_is_told_and_goes_on(self):
        run = os.path.join(self.place.name, "short")
        stopped = convscope.train(run, lambda epoch: epoch["epoch"] == 1, model="lenet", data=DATA, limit=64, epochs=3)
        self.assertEqual((stopped["ending"], stopped["epochs"]), ("stopped", 1))
        finished = convscope.train(run, resume=True)
        self.assertEqual((finished["ending"], finished["epochs"]), ("finished", 3))

    def test_what_a_callback_throws_ends_the_training(self):
        def bad(epoch):
            raise ValueError("enough")

        with self.assertRaisesRegex(ValueError, "enough"):
            convscope.train(os.path.join(self.place.name, "bad"), bad, model="lenet", data=DATA, limit=64, epochs=2)

    def test_evaluation_is_the_programs(self):
        ours = self.network.evaluate(DATA, images="0-49")
        theirs = program("eval", self.run_folder, "--data", DATA, "--images", "0-49")
        self.same(ours["accuracy"], theirs["accuracy"])
        self.same(ours["confusion"], theirs["confusion"])
        self.same(ours["loss"], theirs["loss"])

    def test_corruptions_are_the_programs(self):
        ours = self.network.corruptions(DATA, images="0-49", corruptions="fog+contrast", severities="1,5")
        theirs = program("eval", self.run_folder, "--data", DATA, "--images", "0-49", "--corruptions", "fog+contrast", "--severities", "1,5")
        self.same(ours["mean_accuracy"], theirs["mean_accuracy"])
        self.assertEqual(ours["corruptions"], theirs["corruptions"])

    def test_explanations_are_the_programs(self):
        place = os.path.join(self.place.name, "maps")
        theirs = program("explain", "integrated-gradients,steps=8", self.run_folder, "--data", DATA, "--images", "0-5", "--out", place)
        ours = self.network.explain("integrated-gradients,steps=8", self.pictures)
        self.assertEqual([m["class"] for m in ours.record["maps"]], [m["class"] for m in theirs["maps"]])
        (array,) = [os.path.join(folder, f) for folder, _, files in os.walk(place) for f in files if f == "maps.npy"]
        numpy.testing.assert_array_equal(ours.maps, numpy.load(array))

    def test_attacks_are_the_programs(self):
        ours = self.network.attack("pgd,steps=3", DATA, images="0-19", epsilon=0.1)
        theirs = program("attack", "pgd,steps=3", self.run_folder, "--data", DATA, "--images", "0-19", "--epsilon", "0.1", "--out",
                         os.path.join(self.place.name, "attacked"))
        self.same(ours.record["curve"], theirs["curve"])
        x = ours.images.pixels()
        self.assertEqual(ours.pictures.shape, x.shape)
        self.assertLessEqual(abs(ours.pictures - x).max(), numpy.float32(0.1))
        self.assertGreater(float(abs(ours.pictures - x).max()), 0)

    def test_aliasing_is_the_programs(self):
        ours = self.network.alias(self.pictures)
        theirs = program("alias", self.run_folder, "--data", DATA, "--images", "0-5")
        self.same(ours["mean"], theirs["mean"])
        for a, b in zip(ours["signals"], theirs["signals"]):
            self.same([a["name"], a["published"], a["contribution"]], [b["name"], b["published"], b["contribution"]])

    def test_layers_are_the_programs(self):
        self.same(self.network.describe()["layers"], program("describe", self.run_folder)["layers"])

    def test_arrays_are_pictures(self):
        x = self.pictures.pixels()
        self.assertEqual(x.dtype, numpy.float32)
        logits = self.network.logits(self.pictures)
        numpy.testing.assert_array_equal(logits, self.network.logits(x))
        numpy.testing.assert_array_equal(logits, self.network.logits(x.astype(numpy.float64)))
        numpy.testing.assert_array_equal(logits, self.network.logits(numpy.asfortranarray(x)))
        numpy.testing.assert_array_equal(logits[::2], self.network.logits(x[::2]))
        answers = self.network.predict(x)
        self.assertEqual([a["index"] for a in answers], logits.argmax(1).tolist())
        record = self.network.evaluate(x, logits.argmax(1))
        self.assertEqual(record["accuracy"], 1.0)
        fooled = self.network.attack("fgsm", x, logits.argmax(1), epsilon=[0.5], verdict=True).record
        self.assertLess(fooled["robust_accuracy"], 1.0)
        self.assertIn(fooled["trust"], ("ok", "doubtful", "broken"))
        self.assertEqual(self.network.explain("gradient", x, target=3).record["maps"][0]["index"], 3)

    def test_files_are_pictures(self):
        folder = os.path.join(self.run_folder, "predictions")
        names = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".png"))[:2]
        self.assertEqual(len(self.network.pictures(names)), 2)
        self.assertEqual(self.network.predict(names[0])[0]["file"], names[0])
        with self.assertRaisesRegex(convscope.Error, "labels are for arrays"):
            self.network.evaluate(DATA, [1, 2])

    def test_an_array_is_not_copied_and_outlives_its_name(self):
        x = self.pictures.pixels()
        before = self.network.logits(x)
        held = self.network.pictures(x)
        x += 0.25
        numpy.testing.assert_array_equal(held.pixels(), x)
        self.assertFalse(numpy.array_equal(self.network.logits(held), before))
        expected = x.copy()
        del x
        numpy.testing.assert_array_equal(held.pixels(), expected)

    def test_results_outlive_what_made_them(self):
        maps = self.network.explain("gradient", self.pictures).maps
        expected = maps.copy()
        self.network.explain("gradient-x-input", self.pictures)
        numpy.testing.assert_array_equal(maps, expected)

    def test_activations_and_tensors(self):
        layers = self.network.describe()["layers"]
        name = next(layer["name"] for layer in layers if len(layer["shape"]) == 3 and layer["name"] != "pixels")
        self.assertEqual(self.network.activations(self.pictures, name).shape[0], 6)
        self.assertTrue(all(isinstance(t, numpy.ndarray) for t in self.network.tensors().values()))
        other = self.network.untrained(3)
        self.assertFalse(numpy.array_equal(other.logits(self.pictures), self.network.logits(self.pictures)))

    def test_what_is_wrong_is_said(self):
        with self.assertRaisesRegex(convscope.Error, "no option 'epsilonn'.*epsilon"):
            self.network.attack("pgd", self.pictures, epsilonn=1)
        with self.assertRaisesRegex(convscope.Error, "gradient"):
            self.network.explain("gradent", self.pictures)
        with self.assertRaisesRegex(convscope.Error, "8 bits"):
            self.network.logits(numpy.zeros((1, 1, 8, 8), numpy.uint8))
        with self.assertRaises(convscope.Error):
            self.network.logits(numpy.zeros((2, 3, 5, 5), numpy.float32))
        with self.assertRaises(convscope.Error):
            convscope.open(os.path.join(self.place.name, "nothing.onnx"))
        with self.assertRaisesRegex(TypeError, "option"):
            self.network.attack("pgd", self.pictures, epsilon=object())

    def test_what_is_told_goes_to_the_logger(self):
        with self.assertLogs("convscope", logging.WARNING) as told:
            convscope.train(os.path.join(self.place.name, "told"), model="lenet", data=DATA, limit=64, epochs=1)
        self.assertIn("preset auto", "".join(told.output))

    def test_others_run_meanwhile(self):
        turns, done = [], threading.Event()

        def count():
            while not done.is_set():
                turns.append(time.monotonic())
                time.sleep(0.001)

        counting = threading.Thread(target=count)
        counting.start()
        try:
            begin = time.monotonic()
            self.network.explain("integrated-gradients,steps=400", self.network.pictures(DATA, images="0-63"))
            end = time.monotonic()
        finally:
            done.set()
            counting.join()
        self.assertGreater(sum(begin < t < end for t in turns), 1)

    def test_ctrl_c_ends_a_training_that_can_go_on(self):
        run = os.path.join(self.place.name, "interrupted")

        def press(epoch):
            os.kill(os.getpid(), signal.SIGINT)

        with self.assertRaises(KeyboardInterrupt):
            convscope.train(run, press, model="lenet", data=DATA, limit=64, epochs=4)
        self.assertEqual(convscope.train(run, resume=True)["epochs"], 4)

    def test_families(self):
        self.assertIn("integrated-gradients", convscope.attributions())
        self.assertIn("pgd", convscope.attacks())
        self.assertIn("resnet20", convscope.models())
        made = convscope.make("resnet20", classes=7)
        self.assertEqual((made.image, len(made.classes)), ((3, 32, 32), 7))

    def test_stubs_are_true(self):
        tool = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "make_python_stubs.py")
        made = subprocess.run([sys.executable, tool], check=True, stdout=subprocess.PIPE, text=True).stdout
        with open(os.path.join(os.path.dirname(__file__), "..", "convscope", "__init__.pyi")) as kept:
            self.assertEqual(kept.read(), made, "tools/make_python_stubs.py > python/convscope/__init__.pyi")
        ast.parse(made)

    def test_help_tells_the_keywords(self):
        self.assertIn("epsilon=", convscope.Network.attack.__doc__)
        self.assertIn("tolerance=", convscope.Network.explain.__doc__)


if __name__ == "__main__":
    unittest.main(verbosity=2)
