#include "basics/files.hpp"

#include "basics/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace moe {

namespace {

[[noreturn]] void fail(const char* action, const std::filesystem::path& path, int error) {
    throw EnvironmentError("cannot " + std::string(action) + " '" + path.string() +
                           "': " + std::generic_category().message(error));
}

int open_or_fail(const std::filesystem::path& path, int flags, const char* action) {
    int descriptor = -1;
    do {
        descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) fail(action, path, errno);
    return descriptor;
}

constexpr std::string_view temporary_mark = ".tmp-";

/// ".<name>.tmp-<pid>-<k>" with the first k that is free.
std::pair<std::filesystem::path, int> open_temporary(const std::filesystem::path& path) {
    const std::string stem = "." + path.filename().string() + std::string(temporary_mark) +
                             std::to_string(::getpid()) + "-";
    for (unsigned k = 0;; ++k) {
        std::filesystem::path candidate = path.parent_path() / (stem + std::to_string(k));
        const int descriptor =
            ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0) return {std::move(candidate), descriptor};
        if (errno != EEXIST && errno != EINTR) fail("create", path, errno);
    }
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(std::move(path)) {
    std::tie(temporary_, descriptor_) = open_temporary(path_);
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_))
    , temporary_(std::exchange(other.temporary_, {}))
    , descriptor_(std::exchange(other.descriptor_, -1)) {}

void AtomicFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("write", path_, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void AtomicFile::write(std::string_view text) {
    write(std::as_bytes(std::span(text)));
}

void AtomicFile::close() {
    if (descriptor_ < 0) return;
    // POSIX leaves the descriptor's state open after EINTR; Linux has always closed it.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail("write", path_, errno);
}

void AtomicFile::sync() {
    if (::fsync(descriptor_) != 0) fail("write", path_, errno);
    close();
}

void AtomicFile::publish() {
    close();
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("write", path_, errno);
    temporary_.clear();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.sync();
    file.publish();
    sync_folder(path.parent_path());
}

void sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path place = folder.empty() ? "." : folder;
    const int descriptor = open_or_fail(place, O_RDONLY | O_DIRECTORY, "open the folder");
    const int status = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    // Some file systems cannot sync folders and say EINVAL; their names are as durable as they get.
    if (status != 0 && error != EINVAL) fail("write the folder", place, error);
}

void remove_stale_temporaries(const std::filesystem::path& folder) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const std::size_t mark = name.rfind(temporary_mark);
        if (name.front() != '.' || mark == std::string::npos) continue;
        const std::string_view number = std::string_view(name).substr(mark + temporary_mark.size());
        if (number.find_first_not_of("0123456789-") != std::string_view::npos) continue;
        std::filesystem::remove(entry->path(), error);
        if (error) break;
    }
    if (error) fail("clean the folder", folder, error.value());
}

MappedFile::MappedFile(const std::filesystem::path& path) {
    const int descriptor = open_or_fail(path, O_RDONLY, "read");
    struct stat status {};
    void* address = nullptr;
    int error = 0;
    if (::fstat(descriptor, &status) != 0) {
        error = errno;
    } else if (!S_ISREG(status.st_mode)) {
        error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    } else if (status.st_size > 0) {
        size_ = static_cast<std::size_t>(status.st_size);
        address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (address == MAP_FAILED) error = errno;
    }
    ::close(descriptor);
    if (error != 0) fail("map", path, error);
    data_ = static_cast<std::byte*>(address);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

std::string_view MappedFile::text() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr))
    , size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(open_or_fail(folder, O_RDONLY | O_DIRECTORY, "open the folder")) {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    const int error = errno;
    ::close(descriptor_);
    if (error == EWOULDBLOCK)
        throw EnvironmentError("another run is working in '" + folder.string() +
                               "'; wait for it or choose another --out");
    fail("lock the folder", folder, error);
}

FolderLock::~FolderLock() {
    ::close(descriptor_);
}

} // namespace moe
