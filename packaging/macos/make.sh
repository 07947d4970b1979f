#!/bin/sh
# Makes Trilobyte.app with its window on a Mac, signs and notarises it, and packs it. It takes Go and Xcode's command line
# tools. NOT RUN YET: it was written on another system.
#
# usage: packaging/macos/make.sh "Developer ID Application: NAME (TEAM)" KEYCHAIN-PROFILE
#
# The profile is what xcrun notarytool store-credentials has made. Without arguments the app is signed for this Mac alone.
set -eu
cd "$(dirname "$0")/../.."
[ "$(uname)" = Darwin ] || { echo "This is for a Mac: on Debian, make packages makes the program for its terminal." >&2; exit 1; }
identity=${1:--} profile=${2:-}
version=$(cat VERSION)
app=build/macos/Trilobyte.app
rm -rf build/macos
mkdir -p $app/Contents/MacOS $app/Contents/Resources build/macos/icon.iconset dist
flags="-s -w -X main.commit=$(git describe --always --dirty --exclude '*' --abbrev=12)"
for processor in amd64 arm64; do
	CGO_ENABLED=1 GOARCH=$processor CC="clang -arch $(echo $processor | sed s/amd64/x86_64/)" \
		go build -trimpath -buildvcs=false -ldflags "$flags" -o build/macos/$processor .
done
lipo -create build/macos/amd64 build/macos/arm64 -output $app/Contents/MacOS/trilobyte
sed "s/VERSION/${version%%-*}/" packaging/macos/Info.plist >$app/Contents/Info.plist
for size in 16 32 128 256 512; do
	sips -z $size $size icon.png --out build/macos/icon.iconset/icon_${size}x$size.png >/dev/null
done
iconutil -c icns build/macos/icon.iconset -o $app/Contents/Resources/icon.icns
codesign --force --options runtime --sign "$identity" $app
ditto -c -k --keepParent $app dist/trilobyte-"$version"-macos.zip
if [ -n "$profile" ]; then
	xcrun notarytool submit dist/trilobyte-"$version"-macos.zip --keychain-profile "$profile" --wait
	xcrun stapler staple $app
	ditto -c -k --keepParent $app dist/trilobyte-"$version"-macos.zip
fi
echo "Made dist/trilobyte-$version-macos.zip"
