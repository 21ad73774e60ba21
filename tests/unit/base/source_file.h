#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace adieu::base {

// The root of the sources that this test was built from: CMakeCache.txt above the executable names it.
// (__FILE__ may be relative to a directory that is not the current one.)
inline std::filesystem::path SourceRoot() {
  const std::string key = "CMAKE_HOME_DIRECTORY:INTERNAL=";
  std::filesystem::path directory = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (; directory != directory.root_path(); directory = directory.parent_path()) {
    std::ifstream cache(directory / "CMakeCache.txt");
    for (std::string line; std::getline(cache, line);) {
      if (line.rfind(key, 0) == 0) return line.substr(key.size());
    }
  }
  return {};
}

// The text of a file of the sources; empty when it cannot be read.
inline std::string SourceFile(const std::string& path) {
  std::ifstream file(SourceRoot() / path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace adieu::base
