#include "crypto/encryption_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/ids.h"

namespace crypto {

namespace {

constexpr const char* file_name = "encryption.key";
constexpr std::size_t max_file_size = 4096;

tl::unexpected<base::Error> failed(const std::string& what, const std::filesystem::path& file, int error) {
    return base::fail(base::ErrorCode::unavailable, "The encryption key file " + file.string() + " " + what +
                                                        ": " + std::generic_category().message(error) +
                                                        ". Check the directory's owner and free space.");
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool ok() const { return fd_ >= 0; }

  private:
    int fd_;
};

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

base::Secret without_whitespace(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return base::Secret(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

base::Result<> check_size(const base::Secret& key, const std::string& name) {
    if (key.size() >= min_encryption_key_size) return {};
    return base::fail(base::ErrorCode::invalid_argument,
                      name + " is too short: at least " + std::to_string(min_encryption_key_size) +
                          " characters. Make one with `everycast keygen`.");
}

// Nothing when there is no such file.
base::Result<std::optional<base::Secret>> read_file(const std::filesystem::path& file) {
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.ok()) {
        if (errno == ENOENT) return std::nullopt;
        return failed("cannot be read", file, errno);
    }
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failed("cannot be read", file, errno);
    if ((info.st_mode & 077) != 0)
        return base::fail(base::ErrorCode::forbidden, "The encryption key file " + file.string() +
                                                          " can be read by others. Run `chmod 600 " +
                                                          file.string() + "`, and consider its key known.");
    std::string text(max_file_size, '\0');
    const ssize_t size = ::read(fd.get(), text.data(), text.size());
    if (size < 0) return failed("cannot be read", file, errno);
    text.resize(static_cast<std::size_t>(size));
    return without_whitespace(text);
}

// Whole or not at all, and never over another's: false when the file came to be meanwhile.
base::Result<bool> write_file(const std::filesystem::path& file, const base::Secret& key) {
    const std::filesystem::path fresh = file.string() + "." + base::random_hex(8) + ".tmp";
    const Descriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.ok()) return failed("cannot be written", fresh, errno);
    const base::Secret line(key.reveal() + "\n");
    int error = write_all(fd.get(), line.reveal()) && ::fsync(fd.get()) == 0 ? 0 : errno;
    // link() is the rename that does not replace: of two first starts at once, one wins.
    if (error == 0 && ::link(fresh.c_str(), file.c_str()) != 0) error = errno;
    ::unlink(fresh.c_str());
    if (error == EEXIST) return false;
    if (error != 0) return failed("cannot be written", file, error);
    const Descriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.ok() || ::fsync(directory.get()) != 0)
        return failed("cannot be made durable", file, errno);
    return true;
}

}  // namespace

base::Secret generate_encryption_key() {
    return base::Secret(base::random_hex(64));
}

base::Result<EncryptionKey> find_encryption_key(const base::Secret& given,
                                                const std::filesystem::path& data_directory) {
    EncryptionKey key;
    if (!given.empty()) {
        key.text = without_whitespace(given.reveal());
        key.from_settings = true;
        if (auto checked = check_size(key.text, "ENCRYPTION_KEY"); !checked)
            return base::fail(checked.error());
        return key;
    }

    std::error_code error;
    if (std::filesystem::create_directories(data_directory, error))
        std::filesystem::permissions(data_directory, std::filesystem::perms::owner_all, error);
    if (error)
        return base::fail(base::ErrorCode::unavailable, "The data directory " + data_directory.string() +
                                                            " cannot be made: " + error.message() + ".");

    key.file = std::filesystem::absolute(data_directory) / file_name;
    auto found = read_file(key.file);
    if (!found) return base::fail(found.error());
    if (!*found) {
        auto written = write_file(key.file, generate_encryption_key());
        if (!written) return base::fail(written.error());
        key.created = *written;
        found = read_file(key.file);
        if (!found) return base::fail(found.error());
        if (!*found) return failed("is gone again", key.file, ENOENT);
    }
    key.text = std::move(**found);
    if (auto checked = check_size(key.text, "The key in " + key.file.string()); !checked)
        return base::fail(checked.error());
    return key;
}

}  // namespace crypto
