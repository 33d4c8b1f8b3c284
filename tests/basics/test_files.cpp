// Files that appear whole or not at all, mapped files, folders held by one process.

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace {

using namespace moe;
using moe_test::TemporaryFolder;
namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t entries(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_file_has_its_name_only_after_it_is_published) {
    const TemporaryFolder place;
    const fs::path path = place.path() / "table.csv";
    write_file(path, "old");
    {
        AtomicFile file(path);
        file.write("new ");
        file.write("bytes");
        BOOST_TEST(contents(path) == "old");
        file.sync();
        BOOST_TEST(contents(path) == "old");
        file.publish();
        BOOST_TEST(contents(path) == "new bytes");
    }
    BOOST_TEST(contents(path) == "new bytes");
    BOOST_TEST(entries(place.path()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_given_up_leaves_nothing_behind) {
    const TemporaryFolder place;
    const fs::path path = place.path() / "table.csv";
    {
        AtomicFile file(path);
        file.write("half");
        AtomicFile moved(std::move(file));
        moved.write(" of it");
        BOOST_TEST(entries(place.path()) == 1U);
    }
    BOOST_TEST(entries(place.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(two_writers_of_one_file_do_not_mix) {
    const TemporaryFolder place;
    const fs::path path = place.path() / "table.csv";
    AtomicFile first(path);
    AtomicFile second(path);
    first.write("first");
    second.write("second");
    second.publish();
    BOOST_TEST(contents(path) == "second");
    first.publish();
    BOOST_TEST(contents(path) == "first");
}

BOOST_AUTO_TEST_CASE(new_files_have_the_permissions_that_the_umask_leaves) {
    const TemporaryFolder place;
    const mode_t before = ::umask(022);
    write_file(place.path() / "file", "x");
    ::umask(before);
    const auto permissions = fs::status(place.path() / "file").permissions();
    BOOST_TEST((permissions == static_cast<fs::perms>(0644)));
}

BOOST_AUTO_TEST_CASE(failures_name_the_file_and_the_reason) {
    const auto fails_with = [](const std::string& part) {
        return [part](const EnvironmentError& error) {
            return std::string(error.what()).find(part) != std::string::npos;
        };
    };
    const TemporaryFolder place;
    write_file(place.path() / "file", "x");
    BOOST_CHECK_EXCEPTION(write_file(place.path() / "file" / "below", "x"), EnvironmentError,
                          fails_with("Not a directory"));
    BOOST_CHECK_EXCEPTION(write_file(place.path() / "none" / "below", "x"), EnvironmentError,
                          fails_with("none/below"));
    BOOST_CHECK_EXCEPTION(MappedFile(place.path() / "none"), EnvironmentError,
                          fails_with("No such file"));
    BOOST_CHECK_EXCEPTION(MappedFile(place.path()), EnvironmentError, fails_with("directory"));
    BOOST_CHECK_EXCEPTION(FolderLock(place.path() / "none"), EnvironmentError,
                          fails_with("No such file"));
}

BOOST_AUTO_TEST_CASE(stale_temporaries_are_removed_and_nothing_else) {
    const TemporaryFolder place;
    for (const char* name : {".table.csv.tmp-123-0", ".a.tmp-1-17", "table.csv", ".hidden",
                             ".notes.tmp-old", "table.csv.tmp-1-0"})
        std::ofstream(place.path() / name) << "x";
    remove_stale_temporaries(place.path());
    BOOST_TEST(entries(place.path()) == 4U);
    BOOST_TEST(!fs::exists(place.path() / ".table.csv.tmp-123-0"));
    BOOST_TEST(!fs::exists(place.path() / ".a.tmp-1-17"));
}

BOOST_AUTO_TEST_CASE(a_mapped_file_shows_its_bytes) {
    const TemporaryFolder place;
    const fs::path path = place.path() / "file";
    const std::string text(100'000, 'z');
    write_file(path, text);
    MappedFile file(path);
    BOOST_TEST((file.text() == text));
    const MappedFile moved(std::move(file));
    BOOST_TEST(moved.bytes().size() == text.size());
    write_file(path, "");
    const MappedFile empty(path);
    BOOST_TEST(empty.bytes().empty());
    BOOST_TEST(empty.text().empty());
    BOOST_TEST(moved.text().back() == 'z'); // the old file lives on in the map
}

BOOST_AUTO_TEST_CASE(a_folder_is_held_by_one_lock_at_a_time) {
    const TemporaryFolder place;
    {
        const FolderLock lock(place.path());
        BOOST_CHECK_THROW(FolderLock(place.path()), EnvironmentError);
    }
    BOOST_CHECK_NO_THROW(FolderLock(place.path()));
    BOOST_TEST(entries(place.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(the_hash_is_xxh64) {
    // Published test vectors of XXH64 with seed 0.
    BOOST_TEST(hash_of("") == "ef46db3751d8e999");
    BOOST_TEST(hash_of("abc") == "44bc2cf5ad770999");
}

BOOST_AUTO_TEST_SUITE_END()
