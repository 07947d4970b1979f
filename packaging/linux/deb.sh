# Sourced by packaging/make.sh: deb makes a Debian package.

# deb PROCESSOR PROGRAM
deb() {
	local root=$work/deb-$1 program=$2 lib depends= recommends=
	rm -rf "$root"
	install -D "$program" "$root/usr/bin/trilobyte"
	install -D -m 644 "$work/described/trilobyte.bash" "$root/usr/share/bash-completion/completions/trilobyte"
	install -D -m 644 "$work/described/_trilobyte" "$root/usr/share/zsh/vendor-completions/_trilobyte"
	install -D -m 644 "$work/described/trilobyte.fish" "$root/usr/share/fish/vendor_completions.d/trilobyte.fish"
	install -D -m 644 "$work/described/trilobyte.1" "$root/usr/share/man/man1/trilobyte.1"
	install -D -m 644 LICENSE "$root/usr/share/doc/trilobyte/copyright"
	install -D -m 644 docs/licences.md "$root/usr/share/doc/trilobyte/licences.md"
	install -D -m 644 CHANGELOG.md "$root/usr/share/doc/trilobyte/changelog"
	gzip -9n "$root/usr/share/man/man1/trilobyte.1" "$root/usr/share/doc/trilobyte/changelog"
	if [ "$1" = amd64 ]; then # it has the window
		local id=org.trilobyte.Trilobyte
		install -D -m 644 icon.png "$root/usr/share/icons/hicolor/512x512/apps/$id.png"
		install -D -m 644 assets/linux/$id.desktop "$root/usr/share/applications/$id.desktop"
		install -D -m 644 assets/linux/$id.xml "$root/usr/share/mime/packages/$id.xml"
		recommends="desktop-file-utils, shared-mime-info, hicolor-icon-theme, libgl1-mesa-dri, xdg-utils"
		mkdir -p "$work/shlibdeps/debian"
		touch "$work/shlibdeps/debian/control"
		depends=$(cd "$work/shlibdeps" && dpkg-shlibdeps -O "$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
	fi
	mkdir -p "$root/DEBIAN"
	{
		echo "Package: trilobyte"
		echo "Version: $debian"
		echo "Architecture: $1"
		echo "Maintainer: The Trilobyte project <trilobyte@localhost>"
		echo "Section: sound"
		echo "Priority: optional"
		echo "Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f1)"
		[ -z "$depends" ] || echo "Depends: $depends"
		[ -z "$recommends" ] || echo "Recommends: $recommends"
		cat packaging/linux/description
	} >"$root/DEBIAN/control"
	(cd "$root" && find usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum) >"$root/DEBIAN/md5sums"
	find "$root" -exec touch -h -d @"$SOURCE_DATE_EPOCH" {} +
	chmod -R u+rwX,go+rX,go-w "$root"
	dpkg-deb --root-owner-group -Zxz --build "$root" "$out/trilobyte_${debian}_$1.deb" >/dev/null
	say "trilobyte_${debian}_$1.deb"
}
