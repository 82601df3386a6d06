#pragma once

/**
 * The front door's second half: which pictures a question is about.
 * Goals: files and samples of data sets look the same to all questions; any count of them without holding them in memory.
 */

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convscope/api/network.h"
#include "convscope/data/dataset.h"
#include "convscope/data/image_folder.h"
#include "convscope/results/provenance.h"
#include "convscope/tensor/image.h"

namespace convscope {

/** Some pictures in an order, and all that is known of them. Copies share the images. */
class Pictures {
 public:
  /** Samples of a data set; `name` is what people call where they are from: "cifar10, test". */
  Pictures(std::shared_ptr<const Dataset> data, std::vector<int64_t> numbers, std::string name);
  /** All samples of a data set, in their usual order. */
  Pictures(std::shared_ptr<const Dataset> data, std::string name);
  /** Pictures [N, C, H, W] in memory; `labels` [N], or empty where nobody knows, `classes` [Y]. They are numbered from 0. */
  Pictures(Tensor x, std::vector<int64_t> labels, std::vector<std::string> classes, std::string name);

  int64_t size() const { return std::ssize(places_); }
  /** [C, H, W]. */
  Shape image() const { return data_->image_shape(); }
  /** [N] in the data set, or among the files. */
  const std::vector<int64_t>& numbers() const { return numbers_; }
  /** [N] numbers of the samples through all decorators, by which random numbers are drawn. */
  std::vector<int64_t> samples() const;
  /** [N], or empty where nobody knows. */
  std::vector<int64_t> labels() const;
  /** [Y] names. */
  const std::vector<std::string>& classes() const { return classes_; }
  std::string name() const { return said_.text(); }
  /** How they were asked for, how many they are, and which: what a record tells of them. */
  DataOrigin where() const;
  /** Files of the pictures [N]; empty for those of a data set. */
  const std::vector<std::string>& files() const { return files_; }

  /** Those from `first` on, as many as `x` takes. */
  void fill(int64_t first, std::span<float> x) const;
  /** All of them, [N, C, H, W]. */
  Tensor pixels() const;
  /** Picture n as people can see it: grey where it has neither 1 nor 3 channels. */
  Image visible(int64_t n) const;

  /** The samples as a data set, in this order; all of it is the data set itself. */
  std::shared_ptr<const Dataset> dataset() const;

  /** Those at these places of it, in that order. */
  Pictures at(std::span<const int64_t> places) const;
  /** The first so many. */
  Pictures first(int64_t count) const;
  /** Each once, in the order of their numbers. */
  Pictures distinct() const;
  /** Where the picture of that number lies among distinct ones. */
  int64_t place_of(int64_t number) const;
  /** With other numbers for people, [N]: of pictures that were made of others. */
  Pictures numbered(std::vector<int64_t> numbers) const;
  /** With names of classes that the network knows better, where it knows any. */
  Pictures named_by(const Network& network) const;
  /** With what is known of how they were asked for; its name is theirs. */
  Pictures said_as(DataOrigin said) const;
  /** With the files that they were read from, [N]. */
  Pictures from_files(std::vector<std::string> files) const;

 private:
  std::shared_ptr<const Dataset> data_;
  std::vector<int64_t> places_;   // [N] in the data set
  std::vector<int64_t> numbers_;  // [N] as people are told
  std::vector<std::string> classes_, files_;
  DataOrigin said_;
};

/** Of an option `images`; api/picture_choice.h reads it. */
inline constexpr std::string_view kImagesHelp =
    "which images of it: numbers in the order in which they lie (a folder class by class), 0,1,7 or 0-15; a file of numbers; or what they "
    "are like, with + between: mistakes, right, class=cat, "
    "predicted=dog, confidence=0-0.6, random:20; without it the first ones, of all classes in turn";

/** Which pictures somebody wants. */
struct PictureOptions {
  std::string data = {};
  std::string split = "test";
  std::string images = {};
  std::string image = {};

  void fields(auto&& field) {
    field("data", data, "data set of the images; that of its training without it, where NET is a run folder");
    field("split", split, "train or test");
    field("images", images, kImagesHelp);
    field("image", image, "image files instead, with commas between; or .npy arrays [N, C, H, W] of such as the network takes, in [0, 1]");
  }
};

/** How many pictures are looked at where nobody says which. */
inline constexpr int64_t kUsualPictures = 8;

/** Whose classes pictures are of. */
enum class Classes {
  network,  // the network's, or an error: where answers are compared with labels
  any,      // their own, where these are not the network's, and people are told: where pictures are looked at, whatever they show
};

/**
 * The pictures for a network: brought to its size, with classes that are the network's; an error where they cannot be. Without `images`
 * the first `usual` ones in the data set's usual order; 0: all.
 */
Pictures choose_pictures(const PictureOptions& options, const Network& network, const Setting& setting = {}, int64_t usual = kUsualPictures,
                         Classes classes = Classes::network);

/**
 * A data set for a network: pictures of a folder come to its size, as in its training where the text does not say how. Its pictures and
 * classes are the network's, or an error says why not. Of test pictures that the network learnt from people are told.
 */
std::shared_ptr<const Dataset> open_data(const std::string& data, Split split, const Network& network, const Setting& setting,
                                         Classes classes = Classes::network);

/**
 * An error where the network cannot be asked about these pictures: of another size, of other classes, where any are named, or labelled with
 * one that it does not have.
 */
void check_pictures(const Network& network, const Pictures& pictures, Classes classes = Classes::network);

/** How many of the pictures the network learnt from, by the files that they were read from; 0 where its checkpoint does not tell. */
int64_t seen_in_training(const Network& network, const Dataset& data);

/** Whether pictures lost at least half of their sides on the way to the network's size. */
bool is_shrunk_much(const Decoding& decoding);

/** "flowers: 640 pictures read in 0.9 s, 711 a second". */
std::string decoding_text(std::string_view name, const Decoding& decoding);

/** The file's picture as the network takes it: [1, C, H, W]. */
Tensor read_picture(const std::string& file, const Network& network, Fit fit);
/** Where the file has several pictures, of which the first one is read, that is said. */
void tell_of_more_pictures(const std::string& file, const Setting& setting);

/** Image n of [N, C, H, W] as people can see it: grey where it has neither 1 nor 3 channels. */
Image visible(const Tensor& x, int64_t n);

/** A class by name or number; the error shows the nearest. */
int64_t parse_class(std::string_view text, std::span<const std::string> classes);

/** Name of class `y`, its number where it has none. */
std::string class_name(std::span<const std::string> classes, int64_t y);

}  // namespace convscope
