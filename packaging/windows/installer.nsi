; Installs Trilobyte for the user who runs it, without asking for an administrator: makensis is run by packaging/make.sh.
Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinMessages.nsh
!include WordFunc.nsh

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

; Adds (SIGN +) the program's folder to the user's PATH, where terminals look, or takes it out (-). A PATH that is too long for
; a variable of this installer would come back as none at all: it stays as it is, as whenever its size cannot be told.
!macro Path SIGN
  ; Into $1 comes its size, in bytes, not expanded, and into $0 an error: 2 if there is none, a text if nothing was called.
  System::Call 'advapi32::RegGetValueW(p -2147483647, w "Environment", w "Path", i 0x10000006, p 0, p 0, *i .r1) i.r0'
  StrLen $2 "$INSTDIR"
  IntOp $1 $1 / 2
  IntOp $1 $1 + $2
  ${If} $0 == "2"
    WriteRegExpandStr HKCU "Environment" "Path" ""
    StrCpy $0 "0"
    StrCpy $1 0
  ${EndIf}
  ${If} $0 == "0"
  ${AndIf} $1 < ${NSIS_MAX_STRLEN}
    ClearErrors
    ReadRegStr $0 HKCU "Environment" "Path"
    ${IfNot} ${Errors}
      ${WordAdd} "$0" ";" "${SIGN}$INSTDIR" $0
      ${If} $0 == ""
        DeleteRegValue HKCU "Environment" "Path"
      ${Else}
        WriteRegExpandStr HKCU "Environment" "Path" "$0"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=5000
    ${EndIf}
  ${EndIf}
!macroend

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
  ; Win+R and start find trilobyte by this name, terminals by the PATH.
  !insertmacro Path +
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
  !insertmacro Path -
  RMDir "$INSTDIR" ; if nothing of the user's own is in it
  DeleteRegKey HKCU "Software\Classes\.trilobyte"
  DeleteRegKey HKCU "Software\Classes\Trilobyte.Archive"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\trilobyte.exe"
  DeleteRegKey HKCU "${UNINSTALL}"
  !insertmacro Changed
SectionEnd
