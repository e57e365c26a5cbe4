// A folder for files of media, and what ffmpeg's programs say of them. For one test, on its thread.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace test_support {

// What a command prints, on both of its outputs; "failed" behind it when it was not content.
inline std::string run(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return "cannot be started";
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
        text.append(part.data(), size);
    return ::pclose(pipe) == 0 ? text : text + "failed";
}

// Its tests are skipped where there is no ffmpeg.
class Decoding : public testing::Test {
  protected:
    void SetUp() override {
        if (!run("command -v ffmpeg ffprobe > /dev/null").empty()) GTEST_SKIP() << "ffmpeg is not installed";
        std::string name = (std::filesystem::temp_directory_path() / "decoding-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    // One line a stream: codec, and how many frames were decoded. Every complaint is in it as well.
    static std::string frames_of(const std::string& file) {
        return run(
            "ffprobe -v warning -count_frames -show_entries stream=codec_name,nb_read_frames "
            "-of compact=p=0:nk=1 " +
            file);
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace test_support
