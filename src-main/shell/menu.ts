/** @file The application menu: the platform's standard items, and what helps when something is wrong. */
import { clipboard, Menu, shell, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly logFolder: string;
  readonly diagnostics: () => Promise<string>;
}

export function setMenu({ logFolder, diagnostics }: MenuActions): void {
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : [{ label: '&File', submenu: [{ role: 'quit' } as const] }]),
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Open Log Folder', click: () => void shell.openPath(logFolder) },
        { label: 'Copy Diagnostics', click: () => void diagnostics().then((text) => clipboard.writeText(text)) },
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
