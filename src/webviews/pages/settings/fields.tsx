/** Fields that are one setting each. */
import type { ComponentChildren } from "preact";
import type { SettingName, SettingsView } from "../../../control/settings.ts";
import { Checkbox, NumberField } from "../../components/Field.tsx";
import { boundsOf, useSetting } from "../../state/setting.ts";

type NamesOf<T> = {
  [N in SettingName]: SettingsView["values"][N] extends T ? N : never;
}[SettingName];

interface Common {
  view: SettingsView;
  label: string;
  hint?: ComponentChildren;
}

export function CheckSetting({ name, view, label, hint }: Common & { name: NamesOf<boolean> }) {
  const setting = useSetting(name, view);
  return (
    <Checkbox
      label={label}
      checked={setting.value}
      disabled={setting.fixed !== undefined}
      hint={setting.fixed ?? hint}
      error={setting.problem}
      onChange={(value) => setting.save(value)}
    />
  );
}

/** `scale`: how many of the setting's units are one of those shown. */
export function NumberSetting(
  props: Common & {
    name: NamesOf<number>;
    unit: string;
    scale?: number;
    disabled?: boolean;
  },
) {
  const { name, view, label, hint, unit, scale = 1, disabled = false } = props;
  const setting = useSetting(name, view);
  return (
    <NumberField
      label={label}
      value={Math.round((setting.value / scale) * 100) / 100}
      unit={unit}
      {...boundsOf(name, view, scale)}
      disabled={disabled || setting.fixed !== undefined}
      hint={setting.fixed ?? hint}
      error={setting.problem}
      onCommit={(value) => setting.save(Math.round(value * scale))}
    />
  );
}
