#pragma once
// Files that appear whole or not at all, files mapped into memory, folders held by one process.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace moe {

/// A file that is written under a unique temporary name in its own folder and takes its name only
/// at publish(). Whatever happens before, a file that had the name stays as it was; the temporary
/// is removed by the destructor. All members throw EnvironmentError naming path and reason.
class AtomicFile {
  public:
    /// Opens the temporary; the folder must exist.
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Appends bytes (unbuffered: hand over large pieces).
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text);
    /// Bytes to the disk (fsync), then closed. Call before publish() where a crash of the machine
    /// must not lose the contents.
    void sync();
    /// Takes the final name (rename), closing first. No write after it.
    void publish();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    void close();

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
};

/// Writes a file whole, synced, and its folder too. Throws EnvironmentError.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Makes the names in a folder durable (fsync of the folder). Throws EnvironmentError.
void sync_folder(const std::filesystem::path& folder);

/// Removes the temporaries that a killed process left in a folder. Throws EnvironmentError.
void remove_stale_temporaries(const std::filesystem::path& folder);

/// A file mapped read-only into memory; an empty file gives an empty span. Throws EnvironmentError
/// naming path and reason. The file must not shrink while it is mapped.
class MappedFile {
  public:
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::string_view text() const noexcept;

  private:
    std::byte* data_ = nullptr; ///< mapped read-only
    std::size_t size_ = 0;
};

/// Holds a folder for this process until destruction (flock); the system releases it when the
/// process ends in whatever way.
class FolderLock {
  public:
    /// Throws EnvironmentError if another process holds the folder or it cannot be opened.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    FolderLock(FolderLock&&) = delete;
    FolderLock& operator=(FolderLock&&) = delete;

  private:
    int descriptor_;
};

} // namespace moe
