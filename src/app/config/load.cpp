#include "app/config/load.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/config/setting.h"

namespace app::config {
namespace {

constexpr std::string_view standard_file = "everycast.toml";
constexpr std::string_view file_suffix = "_file";
constexpr std::size_t max_secret_file = 64 * 1024;

class Loader {
  public:
    explicit Loader(const Sources& sources) : sources_(sources) {}

    base::Result<Loaded> load() {
        read_file();
        read_environment();
        for (const auto& [name, text] : sources_.flags) {
            const Setting* setting = find_setting(name);
            if (setting->hidden())
                set_from_file(*setting, text, Source::flag, setting->flag());
            else
                set(*setting, text, Source::flag, setting->flag());
        }
        if (!mistakes_.empty()) return base::fail(base::ErrorCode::invalid_argument, mistakes_);
        return std::move(loaded_);
    }

  private:
    void mistake(std::string_view text) {
        if (!mistakes_.empty()) mistakes_ += '\n';
        mistakes_ += text;
    }

    void set(const Setting& setting, std::string_view text, Source source, std::string_view place) {
        if (const auto done = assign(loaded_.config, setting, text))
            loaded_.sources[std::string(setting.name)] = source;
        else
            mistake(fmt::format("{}: {}", place, done.error().message));
    }

    void set_from_file(const Setting& setting, const std::string& path, Source source,
                       std::string_view place) {
        std::ifstream file(path, std::ios::binary);
        std::string text;
        if (file) text.assign(std::istreambuf_iterator<char>(file), {});
        if (!file || text.size() > max_secret_file)
            return mistake(fmt::format("{}: the file {} cannot be read", place, path));
        set(setting, text, source, place);
    }

    void read_environment() {
        for (const Setting& setting : settings()) {
            const std::string variable = setting.variable();
            if (!setting.plain_variable.empty())
                if (const auto text = sources_.environment(std::string(setting.plain_variable)))
                    set(setting, *text, Source::environment, setting.plain_variable);
            if (const auto text = sources_.environment(variable))
                set(setting, *text, Source::environment, variable);
            if (!setting.hidden()) continue;
            const std::string file_variable = variable + "_FILE";
            if (const auto path = sources_.environment(file_variable))
                set_from_file(setting, *path, Source::environment, file_variable);
        }
    }

    void read_file() {
        std::string path = sources_.config_file;
        if (path.empty()) path = sources_.environment("EVERYCAST_CONFIG").value_or("");
        if (path.empty()) {
            if (!std::filesystem::exists(standard_file)) return;
            path = standard_file;
        }
        loaded_.file = path;
        std::ifstream file(path);
        if (!file) return mistake(fmt::format("the configuration file {} cannot be read", path));
        try {
            const toml::table table = toml::parse(file, path);
            for (const auto& [key, node] : table) read_entry(path, key.str(), node);
        } catch (const toml::parse_error& error) {
            mistake(fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
        }
    }

    void read_entry(const std::string& path, std::string_view key, const toml::node& node) {
        const std::string place = fmt::format("{}:{}", path, node.source().begin.line);
        if (const Setting* setting = find_setting(key)) {
            if (const auto text = text_of(*setting, node))
                set(*setting, *text, Source::file, place);
            else
                mistake(fmt::format("{}: {} has a value of the wrong type; write {}", place, key,
                                    example(*setting)));
            return;
        }
        if (key.ends_with(file_suffix)) {
            const Setting* setting = find_setting(key.substr(0, key.size() - file_suffix.size()));
            const auto secret_path = node.value_exact<std::string>();
            if (setting && setting->hidden() && secret_path)
                return set_from_file(*setting, *secret_path, Source::file, place);
        }
        const std::string_view meant = closest_setting(key);
        mistake(meant.empty()
                    ? fmt::format("{}: there is no setting \"{}\"; docs/operating.md lists them", place, key)
                    : fmt::format("{}: there is no setting \"{}\"; did you mean \"{}\"?", place, key, meant));
    }

    // The node's value as the text that a flag would give; nothing when its type does not fit the setting.
    static std::optional<std::string> text_of(const Setting& setting, const toml::node& node) {
        const bool wants_flag = setting.is_flag();
        const bool wants_number = std::holds_alternative<Number>(setting.kind);
        const bool wants_list = std::holds_alternative<List>(setting.kind);
        if (const auto value = node.value_exact<bool>(); value && wants_flag)
            return *value ? "true" : "false";
        if (const auto value = node.value_exact<std::int64_t>(); value && wants_number)
            return std::to_string(*value);
        if (const toml::array* items = node.as_array(); items && wants_list) {
            std::string joined;
            for (const toml::node& item : *items) {
                const auto text = item.value_exact<std::string>();
                if (!text) return std::nullopt;
                joined += *text + ",";
            }
            return joined;
        }
        if (const auto value = node.value_exact<std::string>();
            value && !wants_flag && !wants_number && !wants_list)
            return *value;
        return std::nullopt;
    }

    static std::string example(const Setting& setting) {
        if (setting.is_flag()) return "true or false";
        if (std::holds_alternative<Number>(setting.kind)) return "a whole number";
        if (std::holds_alternative<List>(setting.kind)) return "a list of texts, [\"…\", \"…\"]";
        return "a text in quotes";
    }

    const Sources& sources_;
    Loaded loaded_;
    std::string mistakes_;
};

}  // namespace

std::optional<std::string> process_environment(const std::string& variable) {
    // Read on the main thread only, before any other thread runs.
    const char* text = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr) return std::nullopt;
    return std::string(text);
}

base::Result<Loaded> load(const Sources& sources) {
    return Loader(sources).load();
}

}  // namespace app::config
