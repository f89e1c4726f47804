// Runs a fuzz target without libFuzzer, so that tools/test tries every parser of outside bytes in
// every build: each committed input, then a fixed number of seeded mutations of them. The same
// inputs each time; longer and guided by coverage: tests/fuzz/run.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace waymark::fuzz {
namespace {

constexpr size_t kLongest = 65536;

// Where the input that ended the process is left, and that input.
std::string* crash_file = nullptr;
std::string current;

void KeepInput(int signal_number) {
  const int file = open(crash_file->c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0 && write(file, current.data(), current.size()) >= 0) {
    constexpr char kSaid[] = "the input is kept in ";
    (void)!write(STDERR_FILENO, kSaid, sizeof(kSaid) - 1);
    (void)!write(STDERR_FILENO, crash_file->data(), crash_file->size());
    (void)!write(STDERR_FILENO, "\n", 1);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void RunTarget(const std::string& input) {
  current = input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current.data()), current.size());
}

// The committed inputs, by name, so that every machine runs them in the same order.
std::vector<std::string> Corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FUZZ_CORPUS)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

// Changes a few places of an input in the ways that parsers get wrong.
class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string Next() {
    std::string text = corpus_[Below(corpus_.size())];
    for (size_t changes = 1 + Below(4); changes > 0; --changes) Change(text);
    if (text.size() > kLongest) text.resize(kLongest);
    return text;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void Change(std::string& text) {
    static const std::vector<std::string> kTokens = {std::string(1, '\0'),
                                                     "\xff",
                                                     "\xc3\x28",
                                                     "\n",
                                                     "\n\n",
                                                     " ",
                                                     "-",
                                                     "+",
                                                     ".",
                                                     "=",
                                                     "\"",
                                                     "\\",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     "0",
                                                     "-1",
                                                     "1e999",
                                                     "NaN",
                                                     "null",
                                                     "2147483648",
                                                     "9223372036854775807",
                                                     "18446744073709551616",
                                                     "00000000000000000000",
                                                     "2026-02-30",
                                                     "9999-12-31",
                                                     "\\ud800"};
    const size_t at = Below(text.size() + 1);
    switch (Below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        break;
      case 2:
        text.erase(at, 1 + Below(16));
        break;
      case 3:
        text.insert(at, kTokens[Below(kTokens.size())]);
        break;
      case 4:  // twice
        text.insert(at, text.substr(Below(text.size() + 1), 1 + Below(64)));
        break;
      case 5: {  // the rest of another
        const std::string& other = corpus_[Below(corpus_.size())];
        text = text.substr(0, at) + other.substr(Below(other.size() + 1));
        break;
      }
      default:
        text.resize(at);
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_{20261122};
};

class Replay : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    crash_file = new std::string(::testing::TempDir() + "fuzz-" + FUZZ_NAME + ".input");
    for (const int fatal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(fatal, &KeepInput);
  }
};

TEST_F(Replay, ReadsEveryCommittedInput) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty()) << FUZZ_CORPUS;
  for (const std::string& input : corpus) RunTarget(input);
  RunTarget("");
}

TEST_F(Replay, ReadsSeededMutationsOfThem) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty()) << FUZZ_CORPUS;
  Mutator mutator(corpus);
  for (int i = 0; i < FUZZ_MUTATIONS; ++i) RunTarget(mutator.Next());
}

}  // namespace
}  // namespace waymark::fuzz
