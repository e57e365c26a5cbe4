// Writes the cases of a table into a fuzz target's corpus, one file each, named after the case.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace seeds {

inline void write(const std::filesystem::path& corpus, const std::string& target, std::string_view name,
                  base::ByteView bytes) {
    // Cases at large limits are for the unit tests; a corpus is to be small.
    constexpr std::size_t largest = 16 * 1024;
    if (bytes.size() > largest) return;
    std::string file = "case-";
    for (const char c : name)
        file.push_back(std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::tolower(c))
                                                                   : '-');
    std::filesystem::create_directories(corpus / target);
    std::ofstream(corpus / target / file, std::ios::binary) << base::as_text(bytes);
}

// Texts that need no names: they are counted.
class Counted {
  public:
    Counted(std::filesystem::path corpus, std::string target)
        : corpus_(std::move(corpus)), target_(std::move(target)) {}

    void write(std::string_view text) {
        seeds::write(corpus_, target_, "text " + std::to_string(++count_), base::as_bytes(text));
    }
    // For targets whose first byte says what is done with the rest.
    void write(char first, std::string_view text) { write(std::string(1, first).append(text)); }

  private:
    std::filesystem::path corpus_;
    std::string target_;
    int count_ = 0;
};

template <class Texts>
void write_all(const std::filesystem::path& corpus, const std::string& target, const Texts& texts) {
    Counted counted(corpus, target);
    for (const std::string_view text : texts) counted.write(text);
}

}  // namespace seeds
