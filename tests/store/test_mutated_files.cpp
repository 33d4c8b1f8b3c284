// The fuzzer's corpus, and thousands of random mutations of it, through the readers: they accept or
// throw InputError, nothing else (a sanitizer build sees reads outside the file).

#include "fuzz/read_anything.hpp"
#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace {

struct CorpusFile {
    std::string name;
    std::vector<std::byte> bytes;
};

std::vector<CorpusFile> corpus() {
    const std::filesystem::path folder =
        std::filesystem::path(__FILE__).parent_path().parent_path() / "fuzz" / "corpus";
    std::vector<CorpusFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        files.push_back({entry.path().filename().string(), moe::test::read_bytes(entry.path())});
    }
    BOOST_REQUIRE(files.size() >= 10U);
    std::sort(files.begin(), files.end(),
              [](const CorpusFile& a, const CorpusFile& b) { return a.name < b.name; });
    return files;
}

/// One random change: a bit, a byte, a number in a text, a piece moved, removed or doubled, an end.
void mutate(std::vector<std::byte>& bytes, moe::RandomStream& random) {
    if (bytes.empty()) return;
    // Two of three changes go to the header, where the structure is.
    const std::size_t head = std::min<std::size_t>(bytes.size(), 1024);
    const std::size_t place = random.below(random.below(3) < 2 ? head : bytes.size());
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(place);
    const auto length = static_cast<std::ptrdiff_t>(
        random.below(std::min<std::size_t>(bytes.size() - place, 32)) + 1);
    switch (random.below(7)) {
    case 0:
        *at ^= static_cast<std::byte>(1U << random.below(8));
        break;
    case 1:
        *at = static_cast<std::byte>(random.below(256));
        break;
    case 2:
        *at = static_cast<std::byte>('0' + random.below(10));
        break;
    case 3:
        bytes.erase(at, at + length);
        break;
    case 4: {
        const std::vector<std::byte> piece(at, at + length);
        bytes.insert(at, piece.begin(), piece.end());
        break;
    }
    case 5:
        std::rotate(at, at + 1, at + length);
        break;
    default:
        bytes.resize(place);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(mutated_files)

BOOST_AUTO_TEST_CASE(corpus_files_are_accepted_or_refused_as_their_names_say) {
    const std::vector<CorpusFile> files = corpus();
    for (const CorpusFile& file : files) {
        BOOST_TEST_CONTEXT(file.name) {
            // A model is accepted as tensors and in one of the two precisions.
            const int expected = file.name.starts_with("model_")     ? 2
                                 : file.name.starts_with("tensors_") ? 1
                                                                     : 0;
            BOOST_TEST(moe::fuzz::read_anything(file.bytes) == expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(mutations_of_corpus_files_are_accepted_or_refused_cleanly) {
    const std::vector<CorpusFile> files = corpus();
    std::size_t refused = 0;
    constexpr std::size_t mutants = 20'000;
    for (std::size_t i = 0; i < mutants; ++i) {
        moe::RandomStream random(1, moe::cell_key("mutations"), static_cast<std::uint32_t>(i));
        std::vector<std::byte> bytes = files[i % files.size()].bytes;
        for (std::uint64_t change = 0; change <= random.below(4); ++change) {
            mutate(bytes, random);
        }
        if (moe::fuzz::read_anything(bytes) == 0) ++refused;
    }
    // Most mutants break the file; were nearly all accepted, the mutations would test nothing.
    BOOST_TEST(refused > mutants / 2);
}

BOOST_AUTO_TEST_CASE(no_single_changed_byte_of_a_header_does_more_than_be_refused) {
    const std::vector<CorpusFile> files = corpus();
    std::size_t tried = 0;
    for (const CorpusFile& file : files) {
        const std::size_t head = std::min<std::size_t>(file.bytes.size(), 400);
        for (std::size_t place = 0; place < head; ++place) {
            for (const char other : {'\0', '"', '{', '[', '9', '\xff'}) {
                std::vector<std::byte> bytes = file.bytes;
                bytes[place] = static_cast<std::byte>(other);
                tried += moe::fuzz::read_anything(bytes) >= 0 ? 1U : 0U;
            }
        }
    }
    BOOST_TEST(tried > 10'000U);
}

BOOST_AUTO_TEST_SUITE_END()
