; Installs Trilobyte for the user who runs it, without asking for an administrator: makensis is run by packaging/make.sh.
Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
!include MUI2.nsh
!include FileFunc.nsh

Name "Trilobyte ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Trilobyte"
RequestExecutionLevel user
VIProductVersion "${NUMBER}.0"
VIAddVersionKey ProductName "Trilobyte"
VIAddVersionKey FileDescription "Trilobyte"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey LegalCopyright "See LICENSE"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Trilobyte"
!define MUI_FINISHPAGE_RUN "$INSTDIR\trilobyte-window.exe"
!insertmacro MUI_PAGE_LICENSE "${FOLDER}/LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

; Tells the desktop that what opens files has changed.
!macro Changed
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

Section
  SetOutPath "$INSTDIR"
  File "${FOLDER}/*"
  CreateShortCut "$SMPROGRAMS\Trilobyte.lnk" "$INSTDIR\trilobyte-window.exe"
  WriteRegStr HKCU "Software\Classes\.trilobyte" "" "Trilobyte.Archive"
  WriteRegStr HKCU "Software\Classes\Trilobyte.Archive" "" "Trilobyte archive"
  WriteRegStr HKCU "Software\Classes\Trilobyte.Archive\DefaultIcon" "" "$INSTDIR\trilobyte-window.exe,0"
  WriteRegStr HKCU "Software\Classes\Trilobyte.Archive\shell\open\command" "" '"$INSTDIR\trilobyte-window.exe" "%1"'
  ; Terminals find trilobyte by this name.
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\trilobyte.exe" "" "$INSTDIR\trilobyte.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Trilobyte"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\trilobyte-window.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" "$0"
  !insertmacro Changed
SectionEnd

Section Uninstall
  Delete "$SMPROGRAMS\Trilobyte.lnk"
  Delete "$INSTDIR\trilobyte.exe"
  Delete "$INSTDIR\trilobyte-window.exe"
  Delete "$INSTDIR\trilobyte.ps1"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\licences.md"
  Delete "$INSTDIR\CHANGELOG.md"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; if nothing of the user's own is in it
  DeleteRegKey HKCU "Software\Classes\.trilobyte"
  DeleteRegKey HKCU "Software\Classes\Trilobyte.Archive"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\trilobyte.exe"
  DeleteRegKey HKCU "${UNINSTALL}"
  !insertmacro Changed
SectionEnd
