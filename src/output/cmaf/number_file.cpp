#include "output/cmaf/number_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "net/unique_fd.h"

namespace output::cmaf {
namespace {

std::uint64_t read_number(const std::filesystem::path& file) {
    std::string text(32, '\0');
    std::ifstream stream(file);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && std::string_view(end, text.data() + text.size()) == "\n";
    return whole && number <= max_kept_number ? number : 0;
}

bool put(const std::filesystem::path& file, const std::string& text) {
    const net::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           ::fdatasync(fd.get()) == 0;
}

}  // namespace

NumberFile::NumberFile(std::filesystem::path file, base::Logger log)
    : file_(std::move(file)), log_(std::move(log)), kept_(read_number(file_)) {
    std::error_code ignored;
    if (kept_ == 0 && std::filesystem::exists(file_, ignored))
        log_.warn("the sequence numbers of the last run cannot be read: they go by the clock",
                  {{"file", file_.string()}});
}

void NumberFile::keep(std::uint64_t last) {
    if (last + numbers_left > kept_) write(last + numbers_ahead);
}

void NumberFile::finish(std::uint64_t last) {
    if (last > 0) write(last);
}

void NumberFile::write(std::uint64_t number) {
    // Half a file would be none.
    const std::filesystem::path fresh = file_.string() + ".new";
    const bool written =
        put(fresh, std::to_string(number) + '\n') && ::rename(fresh.c_str(), file_.c_str()) == 0;
    if (written) kept_ = number;
    if (!written && !std::exchange(fails_, true))
        log_.warn("sequence numbers cannot be kept: after a restart they go by the clock",
                  {{"file", file_.string()}, {"reason", std::generic_category().message(errno)}});
    if (written) fails_ = false;
}

}  // namespace output::cmaf
